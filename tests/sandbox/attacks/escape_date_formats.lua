-- expect: luaError bad argument #1 to 'date' \(invalid conversion specifier
for _, conversion in ipairs({ "%c", "%x", "%Z", "%Ez" }) do
  os.date(conversion)
end
return os.date("%!")
