-- expect: values [11]
-- Every function answers nil and a message to arguments of the wrong kind.
local refused = 0
local odd = { 1, true, {}, { 1, { 2 } }, function() end, coroutine.create(print), math.huge, -0.0, 0 / 0, 2 ^ 63, "\255" }
for _, value in ipairs(odd) do
  local result, message = jido.read_file(value)
  if result == nil and type(message) == "string" then
    refused = refused + 1
  end
end
return refused
