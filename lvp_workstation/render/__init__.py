"""Slices as pixels: resampling, windowing, label colours and key images, without a display.

Slices are resampled on the CPU (``vtkImageReslice``) and windowed after interpolation, in
stored values; no OpenGL context is needed, so the same code serves the screen, a remote
session and the report.
"""
