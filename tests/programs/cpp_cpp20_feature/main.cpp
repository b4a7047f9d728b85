#include <iostream>

template <class T>
concept Small = sizeof(T) <= 4;

template <Small T> T twice(T value)
{
    return value + value;
}

int main()
{
    std::cout << twice(21) << std::endl;
}
