-- expect: luaTimeout
while true do
end
