-- expect: luaTimeout
-- Finalizers are never called, so this is merely an endless script.
while true do
  setmetatable({}, { __gc = function()
    while true do
    end
  end })
end
