-- expect: values [null, true]
local many = {}
for index = 1, 100000 do
  many[index] = index
end
local content, message = jido.read_file(many)
return content, type(message) == "string"
