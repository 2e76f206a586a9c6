"""A scene as pixels, films, and HTML."""
