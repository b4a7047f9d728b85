#include <bits/stdc++.h>

#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>

using namespace __gnu_pbds;
using Ordered = tree<int, null_type, std::less<int>, rb_tree_tag, tree_order_statistics_node_update>;

int main()
{
    Ordered numbers;
    for (int value; std::cin >> value;)
        numbers.insert(value);
    std::cout << *numbers.find_by_order(1) << ' ' << numbers.order_of_key(7) << std::endl;
}
