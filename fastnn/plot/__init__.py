"""Figures. Only the modules of this folder import matplotlib, and they are imported only to draw."""
