#include <utility>

int main()
{
    return sizeof(std::make_index_sequence<200000000>) == 0;
}
