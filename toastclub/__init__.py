"""Toast Club: the backend of public-speaking training in virtual reality."""

__version__ = "0.1.0.dev0"
