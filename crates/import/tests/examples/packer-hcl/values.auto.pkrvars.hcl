environment = "nonprod"
unused      = 1
