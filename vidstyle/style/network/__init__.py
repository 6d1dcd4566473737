"""The VGG network: layers, weights, device."""
