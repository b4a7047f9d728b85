#include <iostream>

#include "geometry/point.hpp"

int main()
{
    Point<int> sum{0, 0};
    for (Point<int> point; std::cin >> point.x >> point.y;)
        sum = sum + point;
    std::cout << sum.x << ' ' << sum.y << std::endl;
}
