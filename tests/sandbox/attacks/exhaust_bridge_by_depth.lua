-- expect: values [null, true]
local deep = {}
for _ = 1, 100000 do
  deep = { deep }
end
local content, message = jido.read_file(deep)
return content, type(message) == "string"
