-- expect: luaError attempt to index a nil value \(upvalue '_ENV'\)
return load("return os", "x", "t", nil)()
