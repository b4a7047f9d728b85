#include <iostream>

int twice(int n)
{
    if (n > 0)
        return 2 * n;
}

int main()
{
    int array[3] = {1, 2, 3};
    std::cout << twice(21) + array[0] - array[0] << std::endl;
}
