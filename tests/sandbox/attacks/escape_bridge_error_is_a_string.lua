-- expect: values [null, "string", null]
local content, message = jido.read_file("no such file")
return content, type(message), message.__traceback__
