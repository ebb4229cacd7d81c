-- expect: luaTimeout
local items = {}
for index = 1, 1000 do
  items[index] = index
end
table.sort(items, function()
  while true do
  end
end)
