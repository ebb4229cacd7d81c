-- expect: values [1]
for name in next, string do
  string[name] = function() error("broken") end
end
for name in next, table do
  table[name] = nil
end
for name in next, math do
  math[name] = nil
end
for name in next, utf8 do
  utf8[name] = nil
end
return 1
