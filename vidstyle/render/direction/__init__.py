"""What lies about a painting: the light that it is painted in, masks, the clip's colours, a panorama's seam."""
