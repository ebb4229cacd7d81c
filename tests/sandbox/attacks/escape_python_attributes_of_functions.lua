-- expect: luaError attempt to index a function value
return jido.read_file.__globals__
