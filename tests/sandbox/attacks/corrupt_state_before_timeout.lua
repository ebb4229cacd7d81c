-- expect: luaTimeout
counter, thread, meta = nil, nil, nil
getmetatable("").__mul = nil
string.shout = nil
math.randomseed(1)
while true do
end
