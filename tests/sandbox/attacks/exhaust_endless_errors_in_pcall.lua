-- expect: luaTimeout
while true do
  pcall(error, "again")
end
