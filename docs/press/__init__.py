"""What builds the site: writes all that sgdlib's examples give into a folder, and hands it to MkDocs. Not published."""
