-- expect: values [null, null, null, null]
return getmetatable(print), getmetatable(jido.read_file), getmetatable(nil), getmetatable(1)
