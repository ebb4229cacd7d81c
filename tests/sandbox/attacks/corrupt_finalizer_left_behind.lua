-- expect: values [1]
-- Garbage whose finalizer would stop some later script.
for _ = 1, 100 do
  setmetatable({}, { __gc = function()
    while true do
    end
  end })
end
return 1
