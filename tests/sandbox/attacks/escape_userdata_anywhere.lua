-- expect: values [0]
local seen, count = {}, 0
local function walk(value)
  if type(value) == "userdata" then
    count = count + 1
  elseif type(value) == "table" and not seen[value] then
    seen[value] = true
    for key, item in next, value do
      walk(key)
      walk(item)
    end
  end
end
walk(_G)
return count
