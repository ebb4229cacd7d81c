-- expect: values [null, "attempt to load a binary chunk (mode is 't')"]
return load("\27Lua\x54\0\x19\x93\r\n\x1a\n", "x", "b")
