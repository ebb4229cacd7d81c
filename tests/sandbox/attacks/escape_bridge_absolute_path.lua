-- expect: values [null, true]
local content, message = jido.read_file("/etc/passwd")
return content, type(message) == "string"
