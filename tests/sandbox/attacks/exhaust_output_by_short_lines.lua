-- expect: luaTimeout
while true do
  print()
end
