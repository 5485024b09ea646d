"""Tests of the project itself: its layers, its files, its packaging and its pages."""
