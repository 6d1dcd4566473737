"""How good a stylised clip is: does it flicker, is it sharp, is it painted, is it still the clip."""
