-- expect: luaTimeout
while true do
  pcall(string.rep, "x", 100 << 20)
  pcall(string.rep, "x", 50 << 20)
end
