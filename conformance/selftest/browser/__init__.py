"""Tests in headless Chromium: that the pages which the project makes work, are accessible and load nothing."""
