-- expect: values [0]
-- No function that a script can reach gives it tables that it couldn't reach otherwise.
local seen, strange = {}, 0
local function walk(value)
  if type(value) ~= "table" or seen[value] then
    return
  end
  seen[value] = true
  if rawget(value, "getinfo") or rawget(value, "popen") or rawget(value, "searchers") or rawget(value, "as_function") then
    strange = strange + 1
  end
  for key, item in next, value do
    walk(key)
    walk(item)
    walk(getmetatable(item))
  end
end
walk(_G)
return strange
