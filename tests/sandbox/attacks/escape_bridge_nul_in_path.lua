-- expect: values [null, null, null]
local content = jido.read_file("a\0b")
local written = jido.write_file("a\0/../../x", "x")
local made = jido.mkdir_p("\0")
return content, written, made
