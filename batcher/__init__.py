"""Creates print-mail jobs at Click2Mail from a manifest: no job twice, no row lost."""

__version__ = "0.1.0"
