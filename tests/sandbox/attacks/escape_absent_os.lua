-- expect: values [["clock", "date", "difftime", "time"]]
local names = {}
for name in pairs(os) do
  names[#names + 1] = name
end
table.sort(names)
return names
