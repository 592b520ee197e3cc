"""How Icon World, its judge and their pictures are made. Used only to build `assets/icon-world`."""
