-- expect: luaResultUnsupported more than 50000 values
local many = {}
for index = 1, 50001 do
  many[index] = index
end
return many
