-- expect: values [true, "mine"]
-- Each session's bridge is its own; the runner looks that the neighbour's project has no such file.
return jido.write_file("mine.txt", "mine"), jido.read_file("mine.txt")
