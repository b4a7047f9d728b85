#include <iostream>

struct Guard {
    const char *name;
    explicit Guard(const char *name) : name(name) { std::cout << "+" << name << '\n'; }
    ~Guard() { std::cout << "-" << name << '\n'; }
};

Guard first("first");
Guard second("second");

int main()
{
    static Guard local("local");
    std::cout << "main\n";
}
