-- expect: luaResultUnsupported nested more than 64 deep
local deep = {}
for _ = 1, 100000 do
  deep = { deep }
end
return deep
