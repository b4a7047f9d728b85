#include <bits/stdc++.h>

using namespace std;

template <class... Numbers> auto sum(Numbers... numbers)
{
    if constexpr (sizeof...(numbers) == 0)
        return 0;
    else
        return (numbers + ...);
}

optional<string_view> after(string_view text, char mark)
{
    if (auto at = text.find(mark); at != string_view::npos)
        return text.substr(at + 1);
    return nullopt;
}

int main()
{
    __int128 large = (__int128)1 << 100;
    cout << sum(1, 2, 3) << ' ' << sum() << ' ' << after("key=value", '=').value_or("none") << ' ' << after("key", '=').value_or("none") << '\n';
    cout << (long long)(large >> 60) << ' ' << gcd(84, 36) << ' ' << clamp(99, 0, 10) << ' ' << __cplusplus << '\n';
}
