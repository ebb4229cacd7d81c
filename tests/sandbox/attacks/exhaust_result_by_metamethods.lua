-- expect: values [[]]
-- A result is read as it is; `__index`, `__len` and `__pairs` are not asked.
local function forever()
  while true do
  end
end
return setmetatable({}, { __index = forever, __len = forever, __pairs = forever, __name = 7 })
