#include <iostream>
int main() { long long a, b; std::cin >> a >> b; if (a) std::cout << (a < 100 ? a + b : a - b) << std::endl; }
