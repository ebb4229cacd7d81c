-- expect: values [4]
local refused = 0
for _, options in ipairs({ 7, { offset = -1 }, { limit = 1.5 }, { offset = "1" } }) do
  local content, message = jido.read_file("file.txt", options)
  if content == nil and type(message) == "string" then
    refused = refused + 1
  end
end
return refused
